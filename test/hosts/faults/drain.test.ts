import { faultTests } from "../faultTests";

faultTests("drain");
