import { faultTests } from "../faultTests";

faultTests("ready");
