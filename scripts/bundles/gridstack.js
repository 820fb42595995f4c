// What the editor of dashboards drags and resizes with.
export { GridStack } from "gridstack";
