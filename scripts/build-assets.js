// Puts what the pages load of locked packages into the folder that pages and the wheel take it from: copied where a package
// brings a file for browsers, bundled where we need a part of it. Each comes with the licences of all that is in it.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const vendor = join(root, "src", "postcall", "web", "static", "vendor");
const packaged = (name) => readFileSync(join(root, "node_modules", name), "utf8");

function put(name, text) {
  writeFileSync(join(vendor, name), text);
  console.log(`${name}: ${statSync(join(vendor, name)).size} bytes`);
}

// The only addresses in a bundle are the names of XML's vocabularies; nothing in it fetches.
async function bundle(name, global) {
  const made = await build({
    entryPoints: [join(root, "scripts", "bundles", `${name}.js`)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    globalName: global,
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
  });
  put(`${name}.min.js`, made.outputFiles[0].text);
  return new Set(Object.keys(made.metafile.inputs).map((path) => packageOf(join(process.cwd(), path))).filter(Boolean));
}

function packageOf(path) {
  const [first, ...rest] = relative(join(root, "node_modules"), path).split("/");
  return first === ".." ? null : first.startsWith("@") ? `${first}/${rest[0]}` : first;
}

// A package that is bundled without being named here fails the build: its licence would be missing.
function putLicences(name, bundled, licences) {
  const missing = [...bundled].filter((each) => !(each in licences));
  if (missing.length) throw new Error(`${name} bundles ${missing.join(", ")}: add their licences`);
  const texts = Object.entries(licences).flatMap(([each, files]) => files.map((file) => `${each}\n\n${packaged(`${each}/${file}`)}`));
  put(`${name}.LICENSE.txt`, texts.join("\n\n----\n\n"));
}

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });

put("htmx.min.js", packaged("htmx.org/dist/htmx.min.js"));
put("htmx.LICENSE.txt", packaged("htmx.org/LICENSE"));

putLicences("charts", await bundle("charts", "echarts"), {
  echarts: ["LICENSE", "NOTICE", "licenses/LICENSE-d3"],
  zrender: ["LICENSE"],
  tslib: ["LICENSE.txt"],
});

putLicences("gridstack", await bundle("gridstack", "gridstack"), { gridstack: ["LICENSE"] });
// Its handles are pictures in data: addresses, which the pages' content policy refuses; ours are drawn in editor.css.
put("gridstack.min.css", packaged("gridstack/dist/gridstack.min.css").replace(/background-image:url\('data:[^']*'\);?|\/\*# sourceMappingURL=.*?\*\//g, ""));
