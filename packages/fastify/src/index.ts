export { type DashboardPluginOptions, dashboard } from './dashboard.ts';
export { HttpError, httpErrorOf } from './http-error.ts';
export type { HealthOptions, HeddlePluginOptions } from './options.ts';
export { heddle } from './plugin.ts';
export { type ActionRouteOptions, actionRoute } from './route.ts';
