// The worker program under its published name, where the sources run as they are.
import "./worker-main.ts";
