import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

const LARGEST_PAGE_KB = 1000;

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
      const all = kb(bytes.js + bytes.css + bytes.svg);
      console.log(`console: built, ${all} kB gzipped in all (scripts ${kb(bytes.js)}, styles ${kb(bytes.css)})`);
      if (all > LARGEST_PAGE_KB) this.error(`at most ${LARGEST_PAGE_KB} kB gzipped: load less, or later`);
    },
  };
}

export default defineConfig({
  plugins: [vue(), compressed()],
  logLevel: "warn",
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    assetsInlineLimit: 0, // the server forbids data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: "es2022",
  },
});
