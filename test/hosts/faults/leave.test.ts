import { faultTests } from "../faultTests";

faultTests("leave");
