/** The skills matrix, worked like a sheet: by arrows, digits and Del. */

export interface Cell {
  row: number;
  column: number;
}

const HIGHEST = 10;
/** 1, then 0 within this time, is 10. */
const TOGETHER_MS = 900;

/** Where a key leads from a cell; null for a key that does not. */
export function moved({ row, column }: Cell, key: string, rows: number, columns: number): Cell | null {
  const to: Record<string, Cell> = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    Enter: { row: row + 1, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    Home: { row, column: 0 },
    End: { row, column: columns - 1 },
    PageUp: { row: 0, column },
    PageDown: { row: rows - 1, column },
  };
  const next = to[key];
  if (!next) return null;
  const within = (at: number, count: number) => Math.min(Math.max(at, 0), count - 1);
  return { row: within(next.row, rows), column: within(next.column, columns) };
}

/** The level that typing means: of 0 to 10; 0 takes the skill away. */
export class Typing {
  private last: { digit: string; at: number } | null = null;

  /** Null for a key that is no digit. */
  level(key: string, now: number): number | null {
    if (key === "Delete" || key === "Backspace") return this.done(0);
    if (!/^[0-9]$/.test(key)) return this.done(null);
    const ten = key === "0" && this.last?.digit === "1" && now - this.last.at <= TOGETHER_MS;
    if (ten) return this.done(HIGHEST);
    this.last = { digit: key, at: now };
    return Number(key);
  }

  private done(level: number | null): number | null {
    this.last = null;
    return level;
  }
}
