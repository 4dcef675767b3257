/** The script for pages of other systems: one file without imports, small, under a name that stays. */

import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const LARGEST_KB = 5;

function watched(): Plugin {
  return {
    name: "watched",
    generateBundle(_, bundle) {
      const [file, ...others] = Object.values(bundle);
      if (file?.type !== "chunk" || others.length || file.imports.length) return this.error("widget.js must be one file that needs no other");
      const kb = gzipSync(file.code, { level: 9 }).length / 1000;
      if (kb > LARGEST_KB) this.error(`widget.js: ${kb} kB gzipped, at most ${LARGEST_KB}`);
    },
  };
}

export default defineConfig({
  plugins: [watched()],
  logLevel: "warn",
  publicDir: false,
  build: {
    lib: { entry: "src/widget/callcenter.ts", formats: ["iife"], name: "Callcenter", fileName: () => "widget.js" },
    emptyOutDir: false,
    reportCompressedSize: false,
    target: "es2022",
  },
});
