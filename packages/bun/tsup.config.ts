import { libraryAndProgram } from "../../tsup.base.ts";

export default libraryAndProgram;
