export type { AgentOptions } from './agent/agent-options.ts';
export type { AsyncRef } from './async-ref.ts';
export type { ChainArguments, ChainDirective, ChainOptions, ChainOutcome, ChainStep, ChainValue } from './compose/chain.ts';
export type { PlanOptions, PlanOutcome, PlanStep, PlanSteps } from './compose/plan.ts';
export type { CoroutineOptions } from './coroutine/coroutine-options.ts';
export type { StreamOptions } from './coroutine/stream-options.ts';
export type { RuntimeEvent } from './event.ts';
export type {
  CancellingExplanation,
  CompensatingExplanation,
  ExplainedKind,
  LaneTask,
  LoadingExplanation,
  ParkedExplanation,
  QueuedExplanation,
  RetryingExplanation,
  RunningExplanation,
  SettledExplanation,
  SuspendedExplanation,
  TaskExplanation,
  TimeLimit,
} from './explain/explanation.ts';
export type { LaneEventLoop, LaneReport, LaneState } from './explain/lane-report.ts';
export { inspectRuntime } from './inspect/inspect.ts';
export type {
  FailedTask,
  InspectedDetails,
  InspectedTask,
  Inspection,
  InspectionListeners,
  InspectionRecord,
  LanePlace,
  TaskKind,
} from './inspect/inspection.ts';
export type { Isolation } from './isolation.ts';
export type { LaneMemory } from './lane/thread-pool.ts';
export type { Logger } from './logger.ts';
export type { MapItem, MapOptions, MapProgress } from './map-options.ts';
export type { MemoryOptions, Ownership, QueueOptions, RuntimeOptions, StatefulOptions, ThreadOptions, WhenFull } from './options.ts';
export type { PathPermission, Permissions } from './permissions.ts';
export type { RegisteredAction } from './registry.ts';
export { createRuntime } from './runtime.ts';
export type {
  CloseOptions,
  CoroutineArguments,
  InstanceOptions,
  Runtime,
  StreamArguments,
  TaskArguments,
  TaskOwner,
} from './runtime-interface.ts';
export type { Scope, ScopeOptions } from './scope.ts';
export { type ServiceCaller, serviceCaller } from './service/caller.ts';
export type { ServiceObjects } from './service/service-table.ts';
export type { LaneStats, RuntimeStats } from './stats.ts';
export type { CompensationLimits, Context, TaskDefaults, TaskOptions, Transferable } from './task-options.ts';
export { subscribeTelemetry, type TelemetryListeners, type TelemetrySubscription } from './telemetry/subscribe.ts';
export type { AttemptTrace, EventTrace, StepTrace, TaskTrace, TraceError, TraceOutcome } from './telemetry/trace.ts';
export type { TenantLimits, TenantsOptions } from './tenant/limits.ts';
export type { TenantStats } from './tenant/tenants.ts';
