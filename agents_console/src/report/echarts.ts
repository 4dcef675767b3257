/** As much of ECharts as reports and planning draw with; loaded with the first of them. */

import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, CustomChart, LineChart, GridComponent, LegendScrollComponent, TooltipComponent, CanvasRenderer]);

export { init };
