/** The program of the workers in Bun, for builds that need it as an entry. */
import "@reapool/bun/worker-main";
