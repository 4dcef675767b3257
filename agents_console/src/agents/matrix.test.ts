import { expect, it } from "vitest";
import { moved, Typing } from "./matrix";

it("keys lead from cell to cell and stop at the edge", () => {
  const cell = { row: 1, column: 1 };
  expect(moved(cell, "ArrowDown", 3, 2)).toEqual({ row: 2, column: 1 });
  expect(moved(cell, "ArrowRight", 3, 2)).toEqual({ row: 1, column: 1 });
  expect(moved(cell, "Home", 3, 2)).toEqual({ row: 1, column: 0 });
  expect(moved(cell, "PageDown", 9, 2)).toEqual({ row: 8, column: 1 });
  expect(moved(cell, "x", 3, 2)).toBeNull();
});

it("digits are levels, 1 and 0 in quick succession are 10, and Del takes the skill away", () => {
  const typing = new Typing();
  expect(typing.level("7", 0)).toBe(7);
  expect(typing.level("1", 1000)).toBe(1);
  expect(typing.level("0", 1500)).toBe(10);
  expect(typing.level("1", 2000)).toBe(1);
  expect(typing.level("0", 4000)).toBe(0);
  expect(typing.level("Delete", 4100)).toBe(0);
  expect(typing.level("a", 4200)).toBeNull();
});
