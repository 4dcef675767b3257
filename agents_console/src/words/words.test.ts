import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import en from "./en.json";
import formulas from "./formulas.zh-CN.json";
import zh from "./zh-CN.json";

const SOURCES = new URL("..", import.meta.url);

/** The text of every source file but the tests. */
function sources(): string {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => /\.(ts|vue)$/.test(file) && !/\.(test|d)\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, SOURCES), "utf8"))
    .join("\n");
}

describe("the two languages", () => {
  it("have the same keys in the same order", () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
  });

  it.each(Object.entries({ "zh-CN": zh, en, formulas }))("%s has no empty words and no markup", (_, words) => {
    expect(Object.entries(words).filter(([, text]) => text.trim() === "" || /[@|{}<>]/.test(text))).toEqual([]);
  });

  it("have nothing that no page says", () => {
    const text = sources();
    const families = [...text.matchAll(/`([a-z_]+\.)\$\{/g)].map(([, family]) => family!);
    const said = (key: string): boolean =>
      text.includes(`"${key}"`) ||
      text.includes(`'${key}'`) ||
      families.some((family) => key.startsWith(family)) ||
      (key.endsWith(".means") && said(key.slice(0, -".means".length)));
    expect(Object.keys(zh).filter((key) => !said(key))).toEqual([]);
  });
});

it("no view has words of its own", () => {
  const withoutComments = sources().replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  expect(withoutComments.match(/[\u4e00-\u9fff]+/g)).toBeNull();
});
