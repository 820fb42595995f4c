// Copies each asset of a locked package into the folder that pages and the wheel take them from. Another is one more line.
import { copyFileSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const vendor = join(root, "src", "postcall", "web", "static", "vendor");
const assets = {
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "htmx.org/LICENSE": "htmx.LICENSE.txt",
};

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
for (const [from, to] of Object.entries(assets)) {
  copyFileSync(join(root, "node_modules", from), join(vendor, to));
  console.log(`${to}: ${statSync(join(vendor, to)).size} bytes`);
}
