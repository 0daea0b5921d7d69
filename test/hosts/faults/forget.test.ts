import { faultTests } from "../faultTests";

faultTests("forget");
