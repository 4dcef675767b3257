import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const HERE = new URL(".", import.meta.url);
const SOURCES = new URL("..", HERE);
const THEME = new URL("../../node_modules/element-plus/theme-chalk/", HERE);

/** ElOptionGroup: el-option-group.css. */
const sheetOf = (component: string): string => `${component.replaceAll(/(?<!^)[A-Z]/g, "-$&").toLowerCase()}.css`;

it("every component of Element Plus in use has its styles", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) => /\.(vue|ts)$/.test(file));
  const imports = files.flatMap((file) => [...readFileSync(new URL(file, SOURCES), "utf8").matchAll(/import \{([^}]*)\} from "element-plus"/g)]);
  const sheets = new Set(imports.flatMap(([, names]) => names!.match(/\bEl[A-Z]\w+/g) ?? []).map(sheetOf));
  const written = [...sheets].filter((sheet) => existsSync(new URL(sheet, THEME)) && readFileSync(new URL(sheet, THEME), "utf8").trim());
  const index = readFileSync(new URL("index.css", HERE), "utf8");
  expect(written.length).toBeGreaterThan(5);
  expect(written.filter((sheet) => !index.includes(`/${sheet}"`))).toEqual([]);
});
