/** The script of the worker that trains for a page. */
import { serveTraining } from "./serveTraining.ts";

serveTraining();
