/** The program of the workers in Deno, for builds that need it as an entry. */
import "@reapool/deno/worker-main";
