export { createDashboard, type Dashboard, type DashboardAddress } from './dashboard.ts';
export type { RequestHandler } from './http/handler.ts';
export type { DashboardOptions, ListenOptions } from './options.ts';
