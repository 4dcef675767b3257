/** The answers of planning as pictures: the staff of a day over its calls, and both sides of a what-if. */

import { shown } from "../live/figures";
import type { Colours } from "../report/chart";
import type { KpiUnit, PlannedDay, PlanningEstimate, WhatIfFigure } from "../wire";

/** What every picture has in common. The hint is drawn and not written: the server forbids styles in the text. */
function frame(colours: Colours) {
  return {
    animationDuration: 200,
    textStyle: { fontFamily: colours.font },
    grid: { left: 12, right: 16, top: 44, bottom: 8, containLabel: true },
    legend: { type: "scroll", top: 4, textStyle: { color: colours.ink } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: colours.card,
      borderColor: colours.faint,
      textStyle: { color: colours.ink },
    },
  };
}

const axisOf = (colours: Colours) => ({
  axisLine: { lineStyle: { color: colours.faint } },
  axisLabel: { color: colours.soft },
});

/** The part of a day in which anybody calls or works, with an interval of rest on both sides. */
export function busyPart({ intervals }: PlannedDay): PlannedDay["intervals"] {
  const busy = intervals.map(({ calls, agents }) => calls > 0 || agents > 0);
  const [first, last] = [busy.indexOf(true), busy.lastIndexOf(true)];
  return first < 0 ? intervals : intervals.slice(Math.max(0, first - 1), last + 2);
}

/** Agents as steps, what the formula alone says beside them, and the calls behind. */
export function staffOption(day: PlannedDay, words: { calls: string; agents: string; scheduled: string; formula: string }, colours: Colours) {
  const part = busyPart(day);
  const axis = axisOf(colours);
  const named = (name: string, align: "left" | "right") => ({ name, nameTextStyle: { color: colours.soft, align } });
  const [accent, blue, amber] = colours.series;
  const steps = (name: string, values: number[], color: string | undefined, type: "solid" | "dashed", width: number) => ({
    name,
    type: "line",
    step: "middle",
    symbol: "none",
    data: values,
    color,
    lineStyle: { type, width },
  });
  return {
    ...frame(colours),
    xAxis: { type: "category", data: part.map(({ begins }) => begins), ...axis },
    yAxis: [
      { type: "value", minInterval: 1, splitLine: { lineStyle: { color: colours.faint } }, ...axis, ...named(words.agents, "left") },
      { type: "value", splitLine: { show: false }, ...axis, ...named(words.calls, "right") },
    ],
    series: [
      { name: words.calls, type: "bar", yAxisIndex: 1, barCategoryGap: "12%", color: blue, itemStyle: { opacity: 0.28 }, data: part.map(({ calls }) => Math.round(calls * 10) / 10) },
      steps(words.scheduled, part.map(({ scheduled }) => scheduled), amber, "solid", 1.5),
      steps(words.agents, part.map(({ agents }) => agents), accent, "solid", 2.5),
      steps(words.formula, part.map(({ formula_agents }) => formula_agents), colours.soft, "dashed", 1.5),
    ],
  };
}

interface Api {
  value(place: number): number;
  coord(point: [number, number]): [number, number];
  size(point: [number, number]): [number, number];
}

/** The bounds of an estimate, as a bar with two ends over the bar of its series. */
function whisker(offset: number, color: string) {
  return (_: unknown, api: Api) => {
    const [low, high] = [api.value(1), api.value(2)];
    if (Number.isNaN(low) || Number.isNaN(high)) return null;
    const [centre, top] = api.coord([api.value(0), high]);
    const bottom = api.coord([api.value(0), low])[1];
    const x = centre + offset * api.size([1, 0])[0];
    const line = (x1: number, y1: number, x2: number, y2: number) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: 1.5 } });
    return { type: "group", children: [line(x, top, x, bottom), line(x - 5, top, x + 5, top), line(x - 5, bottom, x + 5, bottom)] };
  };
}

/** Both sides of the figures of one unit: bars, with the bounds of each. */
export function sidesOption(
  figures: readonly WhatIfFigure[],
  unit: KpiUnit,
  words: { before: string; after: string; nameOf: (key: string) => string },
  colours: Colours,
) {
  const axis = axisOf(colours);
  const told = (value: unknown) => shown(unit, typeof value === "number" ? value : null);
  const [accent, blue] = colours.series;
  const bounds = (side: (figure: WhatIfFigure) => PlanningEstimate | null, offset: number) => ({
    type: "custom",
    silent: true,
    z: 5,
    tooltip: { show: false },
    renderItem: whisker(offset, colours.ink),
    data: figures.map((figure, place) => [place, side(figure)?.low ?? NaN, side(figure)?.high ?? NaN]),
  });
  const bars = (name: string, side: (figure: WhatIfFigure) => PlanningEstimate | null, color: string | undefined) => ({
    name,
    type: "bar",
    color,
    barWidth: "26%",
    barGap: "15%",
    data: figures.map((figure) => side(figure)?.mean ?? null),
  });
  const base = frame(colours);
  return {
    ...base,
    legend: { ...base.legend, data: [words.before, words.after] },
    tooltip: { ...base.tooltip, valueFormatter: told },
    xAxis: { type: "category", data: figures.map(({ key }) => words.nameOf(key)), ...axis, axisLabel: { color: colours.soft, interval: 0, width: 96, overflow: "break" } },
    yAxis: { type: "value", max: unit === "ratio" ? 1 : null, axisLabel: { color: colours.soft, formatter: told }, splitLine: { lineStyle: { color: colours.faint } } },
    series: [
      bars(words.before, ({ before }) => before, blue),
      bars(words.after, ({ after }) => after, accent),
      bounds(({ before }) => before, -0.15),
      bounds(({ after }) => after, 0.15),
    ],
  };
}
