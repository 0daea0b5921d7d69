import { faultTests } from "../faultTests";

for (const verb of ["expect_ca", "store_ca", "take_up_ca"] as const) faultTests(verb);
