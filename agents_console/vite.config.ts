import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin, type Rolldown } from "vite";

const LARGEST_FIRST_KB = 300; // what any page begins with
const LARGEST_PAGE_KB = 1000; // every page and everything that is loaded later, such as the charts

/** Lays a compressed twin beside each file, which the server sends instead, and watches the size of all. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "dist" }, bundle) {
      const bytes = { js: 0, css: 0, svg: 0 };
      for (const file of Object.values(bundle)) {
        const kind = file.fileName.split(".").at(-1) as keyof typeof bytes;
        if (!(kind in bytes)) continue;
        const small = gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 });
        writeFileSync(resolve(dir, `${file.fileName}.gz`), small);
        bytes[kind] += small.length;
      }
      const kb = (count: number) => Math.ceil(count / 1000);
      const first = kb(firstLoad(bundle));
      const all = kb(bytes.js + bytes.css + bytes.svg);
      console.log(`console: built, ${first} kB gzipped at first, ${all} in all (scripts ${kb(bytes.js)}, styles ${kb(bytes.css)})`);
      if (first > LARGEST_FIRST_KB) this.error(`at most ${LARGEST_FIRST_KB} kB gzipped at first: load less, or later`);
      if (all > LARGEST_PAGE_KB) this.error(`at most ${LARGEST_PAGE_KB} kB gzipped: load less, or later`);
    },
  };
}

/** The compressed bytes of the entry and of all that it imports at once, styles included. */
function firstLoad(bundle: Rolldown.OutputBundle): number {
  const found = new Set<string>();
  function follow(name: string): void {
    const file = bundle[name];
    if (!file || found.has(name)) return;
    found.add(name);
    if (file.type === "chunk") [...file.imports, ...(file.viteMetadata?.importedCss ?? [])].forEach(follow);
  }
  for (const file of Object.values(bundle)) if (file.type === "chunk" && file.isEntry) follow(file.fileName);
  const sizes = [...found].map((name) => bundle[name]!).map((file) => gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

export default defineConfig({
  plugins: [vue(), compressed()],
  logLevel: "warn",
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    assetsInlineLimit: 0, // the server forbids data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700, // what counts is compressed, and watched above
    target: "es2022",
  },
});
