import { faultTests } from "../faultTests";

faultTests("token");
