/** How long an entry still holds. */

const DAY_MS = 86_400_000;
const NEAR_DAYS = 7;

export interface Expiry {
  state: "for_good" | "far" | "near" | "over";
  /** Whole days that are left, counting the one that has begun. */
  days: number;
}

export function expiryOf(expiresAt: string | null, now: number): Expiry {
  if (expiresAt === null) return { state: "for_good", days: 0 };
  const days = Math.ceil((Date.parse(expiresAt) - now) / DAY_MS);
  if (days <= 0) return { state: "over", days: 0 };
  return { state: days <= NEAR_DAYS ? "near" : "far", days };
}

/** The last day on which it holds; days end by UTC, as the server keeps them. */
export const lastDay = (expiresAt: string): string => new Date(Date.parse(expiresAt) - 1).toISOString().slice(0, 10);
