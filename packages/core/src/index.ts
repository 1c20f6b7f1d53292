export {
  type Action,
  type ActionDefaults,
  type ActionDescription,
  type ActionHooks,
  type ActionJSON,
  type ActionKind,
  type ActionOf,
  type CompensationOptions,
  type CoroutineAction,
  defineAction,
  type HookResult,
  isAction,
  type PlainDefinition,
  type ResultValue,
  type SchemaDefinition,
  type ValueOf,
} from './action.ts';
export {
  type AgentDefinition,
  type AgentDescription,
  type AgentHandlers,
  type AgentJSON,
  type AgentLimits,
  defineAgent,
  type FailurePolicy,
  isAgent,
  type RestartLimit,
  type SentData,
  type SignalHandler,
} from './agent.ts';
export type {
  AgentChild,
  AgentContext,
  AgentPeer,
  ChildExit,
  ChildStart,
  SpawnAgentOptions,
  StandardSignals,
} from './agent-context.ts';
export type {
  AgentRef,
  AnswerOf,
  CallArguments,
  CallOptions,
  SendArguments,
  SignalInput,
  SignalName,
  SubscribeOptions,
} from './agent-ref.ts';
export type { ChildHolder, Completable, Completion, CompletionOptions, CompletionPaths, Responder } from './completion.ts';
export type { ActionContext, ActionMetadata, LogMethod, TaskLog } from './context.ts';
export {
  type CancelledStep,
  type CompletedStep,
  type Coroutine,
  type CoroutineFault,
  type CoroutineState,
  isThrown,
  type NextOptions,
  type ResumeOptions,
  type Step,
  type SuspendedStep,
  type TerminalStep,
  Thrown,
  type ThrownStep,
} from './coroutine.ts';
export {
  HeddleError,
  type HeddleErrorCode,
  type HeddleErrorJSON,
  type HeddleErrorOptions,
  type HeddleErrorType,
  isHeddleError,
} from './error.ts';
export type { AwaitOptions, Handle, TaskStatus } from './handle.ts';
export type {
  ChildRef,
  ChildWait,
  NestedArguments,
  NestedOptions,
  NestedWork,
  ParentDeathPolicy,
  SpawnArguments,
  SpawnOptions,
} from './nested.ts';
export { type Failure, fail, isOutcome, type Outcome, ok, type Success, unwrap } from './outcome.ts';
export { type AttachedAttempt, definePropagator, isPropagator, type Propagator, type PropagatorDefinition } from './propagator.ts';
export type { RemoteService, RemoteServices, Services } from './services.ts';
export { type Tool, type ToolRunner, toTool } from './tool.ts';
export type { JsonSchema } from './tool-schema.ts';
export { type Defaulted, type ParamsInput, Type, type TypeBuilder } from './type.ts';
