import { faultTests } from "../faultTests";

faultTests("converge");
