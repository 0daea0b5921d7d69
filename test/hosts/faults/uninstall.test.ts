import { faultTests } from "../faultTests";

faultTests("uninstall");
