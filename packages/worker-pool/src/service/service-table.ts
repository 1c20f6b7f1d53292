import { HeddleError, type Services } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { mayBeCalled } from './method-name.ts';

/** What `services` takes: objects by name, those of `Services` with the types given there. */
export type ServiceObjects = Partial<Services> & Readonly<Record<string, object>>;

/** A runtime's services by name, as they were when it was created. */
export type ServiceTable = ReadonlyMap<string, object>;

/** A method, bound to nothing. */
export type ServiceMethod = (this: object, ...args: readonly unknown[]) => unknown;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const MAX_NAMES = 32;

/** The faults of the option `services`. */
export function serviceFaults(services: unknown): string[] {
  if (services === undefined) return [];
  if (typeof services !== 'object' || services === null || Array.isArray(services))
    return [`\`services\` must be an object of objects; got ${kindOf(services)}`];
  try {
    return Object.entries(services).flatMap(([name, service]) => [...nameFaults(name), ...objectFaults(name, service)]);
  } catch {
    return ['`services` cannot be read: a getter of it threw'];
  }
}

function nameFaults(name: string): string[] {
  if (!IDENTIFIER.test(name))
    return [`\`services\`: a name must be an identifier, to be read as \`ctx.services.name\`; got ${JSON.stringify(name)}`];
  return mayBeCalled(name) ? [] : [`\`services.${name}\`: no service may have this name, which objects have by themselves`];
}

function objectFaults(name: string, service: unknown): string[] {
  const isObject = typeof service === 'object' && service !== null && !Array.isArray(service);
  return isObject ? [] : [`\`services.${name}\` must be an object with methods; got ${kindOf(service)}`];
}

/** The table of a runtime; none without services. The objects themselves are taken by reference. */
export function createServiceTable(services: ServiceObjects | undefined): ServiceTable | undefined {
  const entries = Object.entries<object>(services ?? {});
  return entries.length === 0 ? undefined : new Map(entries);
}

/** The object of a name. @throws HeddleError `not_found` naming what there is */
export function serviceOf(table: ServiceTable, name: string): object {
  const service = table.get(name);
  if (service !== undefined) return service;
  const names = [...table.keys()];
  throw new HeddleError('not_found', `There is no service \`${name}\`; \`services\` of this runtime has ${list(names)}`, {
    details: { service: name, services: names },
  });
}

/**
 * A method of a service: its own, or of its classes; never what every object has.
 *
 * @throws HeddleError `not_found` naming what there is, and whatever a getter throws
 */
export function methodOf(name: string, service: object, method: string): ServiceMethod {
  const value: unknown = mayBeCalled(method) && hasOwnOrInherited(service, method) ? Reflect.get(service, method) : undefined;
  if (typeof value === 'function') return value as ServiceMethod; // called with what the action gave: its types are the user's
  const methods = methodNames(service);
  const is =
    value === undefined ? `Service \`${name}\` has no method \`${method}\`` : `\`${name}.${method}\` is no method but ${kindOf(value)}`;
  throw new HeddleError('not_found', `${is}; only methods can be called, and \`${name}\` has ${list(methods)}`, {
    details: { service: name, method, methods },
  });
}

function hasOwnOrInherited(service: object, key: string): boolean {
  return chainOf(service).some((link) => Object.hasOwn(link, key));
}

/** The object and its classes, without what all objects share: somebody may have added to that. */
function chainOf(service: object): object[] {
  const chain: object[] = [];
  for (let link: object | null = service; link !== null && link !== Object.prototype; link = Object.getPrototypeOf(link)) chain.push(link);
  return chain;
}

/** For messages. Reads no getter. */
function methodNames(service: object): string[] {
  const isMethod = (link: object, key: string): boolean => typeof Object.getOwnPropertyDescriptor(link, key)?.value === 'function';
  try {
    const names = chainOf(service).flatMap((link) =>
      Object.getOwnPropertyNames(link).filter((key) => mayBeCalled(key) && isMethod(link, key)),
    );
    return [...new Set(names)].slice(0, MAX_NAMES);
  } catch {
    return []; // a proxy that does not tell
  }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ');
}
