/** The course of a day as a picture: what was offered, answered and abandoned, its shares, and the week before. */

import { shown } from "../live/figures";
import type { FigureDayAnswer } from "../wire";
import type { Colours } from "./chart";

const DAY_MS = 86_400_000;
/** So many parts has each axis: shares by a quarter, and the numbers beside them by as many steps. */
const PARTS = 4;

/** What the words of the picture are. */
export interface TrendNames {
  offered: string;
  answered: string;
  abandoned: string;
  serviceLevel: string;
  answerRate: string;
  weekAgo: string;
}

/** When each interval of the day begins; a day that is an hour longer has more of them. */
export function timesOf({ today, week_ago, step_ms }: FigureDayAnswer): string[] {
  const count = Math.max(Math.ceil(DAY_MS / step_ms), today.length, week_ago?.length ?? 0);
  return Array.from({ length: count }, (_, place) => {
    const minutes = (place * step_ms) / 60_000;
    return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  });
}

/** The step of an axis of whole numbers up to `most`: 1, 2 or 5 and noughts. */
export function stepTo(most: number): number {
  const least = Math.max(1, most / PARTS);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((step) => step * power >= least) ?? 10);
}

/** As ECharts draws it. */
export function trendOption(day: FigureDayAnswer, names: TrendNames, colours: Colours) {
  const { today } = day;
  const before = day.week_ago ?? [];
  const step = stepTo(Math.max(...[...today, ...before].map(({ offered, answered, abandoned }) => Math.max(offered, answered + abandoned)), 0));
  const [accent, talking, ringing, , , , alarm] = colours.series;
  const size = colours.fontPx * 0.8;
  const label = { color: colours.soft, fontSize: size };
  const bar = (name: string, key: "answered" | "abandoned", color: string | undefined) => ({
    name,
    type: "bar",
    stack: "left",
    barMaxWidth: size * 2,
    itemStyle: { color },
    data: today.map((point) => point[key]),
  });
  const share = (name: string, key: "service_level" | "answer_rate", color: string | undefined) => ({
    name,
    type: "line",
    yAxisIndex: 1,
    symbol: "none",
    connectNulls: true,
    lineStyle: { color, width: size / 7 },
    itemStyle: { color },
    data: today.map((point) => point[key]),
    tooltip: { valueFormatter: (value: unknown) => shown("ratio", typeof value === "number" ? value : null) },
  });
  return {
    animationDuration: 200,
    textStyle: { fontFamily: colours.font, fontSize: size },
    grid: { left: 12, right: 12, top: size * 3.2, bottom: 8, containLabel: true },
    legend: { type: "scroll", top: 4, itemWidth: size * 1.8, itemHeight: size * 0.8, itemGap: size, textStyle: { color: colours.ink, fontSize: size } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: colours.card,
      borderColor: colours.faint,
      textStyle: { color: colours.ink, fontSize: size },
    },
    xAxis: { type: "category", data: timesOf(day), axisLine: { lineStyle: { color: colours.faint } }, axisLabel: label },
    yAxis: [
      { type: "value", min: 0, max: step * PARTS, interval: step, axisLabel: label, splitLine: { lineStyle: { color: colours.faint } } },
      { type: "value", min: 0, max: 1, interval: 1 / PARTS, splitLine: { show: false }, axisLabel: { ...label, formatter: (value: number) => `${Math.round(value * 100)}%` } },
    ],
    series: [
      {
        name: names.weekAgo,
        type: "line",
        symbol: "none",
        z: 1,
        lineStyle: { color: colours.soft, width: 1, opacity: 0.35 },
        areaStyle: { color: colours.soft, opacity: 0.12 },
        itemStyle: { color: colours.soft, opacity: 0.4 },
        data: before.map(({ offered }) => offered),
      },
      bar(names.answered, "answered", accent),
      bar(names.abandoned, "abandoned", alarm),
      {
        name: names.offered,
        type: "line",
        step: "middle",
        symbol: "none",
        lineStyle: { color: colours.ink, width: size / 12, opacity: 0.75 },
        itemStyle: { color: colours.ink },
        data: today.map(({ offered }) => offered),
      },
      share(names.serviceLevel, "service_level", talking),
      share(names.answerRate, "answer_rate", ringing),
    ],
  };
}
