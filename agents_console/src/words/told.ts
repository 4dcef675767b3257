/** What the server tells people in English sentences, such as the mistakes in a file that they write, in the language
 *  of the page. Its sentences are known by their shapes; one of no known shape stays as it is.
 *
 *  A shape has holes: %1 takes anything, %.1 one word of a path, %*1 a sentence or a word that is told itself. The first
 *  shape that fits counts. */

import shapes from "./sentences.zh-CN.json";
import { useWords } from "./index";

interface Shape {
  fits: RegExp;
  told: string;
  /** The holes that are told themselves. */
  inner: ReadonlySet<string>;
}

/** Shapes are matched step by step: a sentence that is longer than any of ours is not worth the time. */
const LONGEST = 600;
const HOLE = /%([*.]?)(\d)/g;

const SHAPES: readonly Shape[] = Object.entries(shapes).map(([shape, told]) => ({ ...shapeOf(shape), told }));

function shapeOf(shape: string): Omit<Shape, "told"> {
  const [inner, parts] = [new Set<string>(), [] as string[]];
  let end = 0;
  for (const { 0: hole, 1: kind, 2: name, index } of shape.matchAll(HOLE)) {
    if (kind === "*") inner.add(name!);
    parts.push(literal(shape.slice(end, index)), kind === "." ? `(?<h${name}>[^\\s:]+?)` : `(?<h${name}>.+?)`);
    end = index + hole.length;
  }
  return { fits: new RegExp(`^${parts.join("")}${literal(shape.slice(end))}$`), inner };
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** The sentence in Chinese, as far as its shape is known; of several lines each by itself. */
export function inChinese(told: string): string {
  return told.split("\n").map(sentenceInChinese).join("\n");
}

function sentenceInChinese(sentence: string): string {
  if (sentence.length > LONGEST) return sentence;
  for (const { fits, told, inner } of SHAPES) {
    const holes = fits.exec(sentence);
    if (!holes) continue;
    const filled = (name: string): string => holes.groups?.[`h${name}`] ?? "";
    return told.replaceAll(HOLE, (_, __, name: string) => (inner.has(name) ? sentenceInChinese(filled(name)) : filled(name)));
  }
  return sentence;
}

/** Tells sentences of the server in the present language, which they change with. */
export function useTold(): (sentence: string) => string {
  const { language } = useWords();
  return (sentence) => (language.value === "zh-CN" ? inChinese(sentence) : sentence);
}
