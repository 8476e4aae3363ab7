// Holds a JavaScript session before and after each block until the runner lets it go on.

import { readSync, writeSync } from "node:fs";

const GATE = Number(process.env.GUIDE_GATE);

/** Prints the mark of a block, and waits for the runner. */
export function gate(mark) {
  writeSync(1, `\n\x1e${mark}\n`);
  readSync(GATE, Buffer.alloc(1));
}
