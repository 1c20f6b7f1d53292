import type {
  ArrayOptions,
  BigIntOptions,
  DateOptions,
  IntegerOptions,
  JavaScriptTypeBuilder,
  NumberOptions,
  ObjectOptions,
  SchemaOptions,
  Static,
  StringOptions,
  TAny,
  TArray,
  TBigInt,
  TBoolean,
  TDate,
  TEnum,
  TEnumKey,
  TEnumValue,
  TInteger,
  TIntersect,
  TLiteral,
  TLiteralValue,
  TNumber,
  TObject,
  TOptional,
  TProperties,
  TSchema,
  TString,
  TUnion,
  TUnknown,
  Union,
} from '@sinclair/typebox';
import { typeBox } from './typebox.ts';

/**
 * A schema that carries a default, so that a caller may leave its value out. True at run time as well: TypeBox keeps options on the schema.
 * TypeBox's own types forget their options; without this, a defaulted field would look required to every caller.
 */
export interface Defaulted {
  readonly default: unknown;
}

type WithDefault<Options> = Options & Defaulted;

/** TypeBox's builder, with one addition: a `default` among the options is remembered in the type. */
export interface TypeBuilder
  extends Omit<
    JavaScriptTypeBuilder,
    'Any' | 'Array' | 'BigInt' | 'Boolean' | 'Date' | 'Enum' | 'Integer' | 'Literal' | 'Number' | 'Object' | 'String' | 'Union' | 'Unknown'
  > {
  Any(options: WithDefault<SchemaOptions>): TAny & Defaulted;
  Any(options?: SchemaOptions): TAny;
  Array<T extends TSchema>(items: T, options: WithDefault<ArrayOptions>): TArray<T> & Defaulted;
  Array<T extends TSchema>(items: T, options?: ArrayOptions): TArray<T>;
  BigInt(options: WithDefault<BigIntOptions>): TBigInt & Defaulted;
  BigInt(options?: BigIntOptions): TBigInt;
  Boolean(options: WithDefault<SchemaOptions>): TBoolean & Defaulted;
  Boolean(options?: SchemaOptions): TBoolean;
  Date(options: WithDefault<DateOptions>): TDate & Defaulted;
  Date(options?: DateOptions): TDate;
  Enum<V extends TEnumValue, T extends Record<TEnumKey, V>>(item: T, options: WithDefault<SchemaOptions>): TEnum<T> & Defaulted;
  Enum<V extends TEnumValue, T extends Record<TEnumKey, V>>(item: T, options?: SchemaOptions): TEnum<T>;
  Integer(options: WithDefault<IntegerOptions>): TInteger & Defaulted;
  Integer(options?: IntegerOptions): TInteger;
  Literal<V extends TLiteralValue>(value: V, options: WithDefault<SchemaOptions>): TLiteral<V> & Defaulted;
  Literal<V extends TLiteralValue>(value: V, options?: SchemaOptions): TLiteral<V>;
  Number(options: WithDefault<NumberOptions>): TNumber & Defaulted;
  Number(options?: NumberOptions): TNumber;
  Object<P extends TProperties>(properties: P, options: WithDefault<ObjectOptions>): TObject<P> & Defaulted;
  Object<P extends TProperties>(properties: P, options?: ObjectOptions): TObject<P>;
  String(options: WithDefault<StringOptions>): TString & Defaulted;
  String(options?: StringOptions): TString;
  Union<T extends TSchema[]>(types: [...T], options: WithDefault<SchemaOptions>): Union<T> & Defaulted;
  Union<T extends TSchema[]>(types: [...T], options?: SchemaOptions): Union<T>;
  Unknown(options: WithDefault<SchemaOptions>): TUnknown & Defaulted;
  Unknown(options?: SchemaOptions): TUnknown;
}

/**
 * TypeBox's `Type`, re-exported so that an action file needs one import. A schema made with `@sinclair/typebox` directly works as well.
 *
 * @example
 * ```ts
 * Type.Object({ path: Type.String(), width: Type.Integer({ minimum: 1, default: 320 }) })
 * ```
 */
// TypeBox's own builder, loaded when it is first asked for something; only its types are narrower.
export const Type: TypeBuilder = new Proxy(Object.create(null) as TypeBuilder, {
  get: (_, key) => Reflect.get(typeBox().Type, key),
  has: (_, key) => Reflect.has(typeBox().Type, key),
  ownKeys: () => Reflect.ownKeys(typeBox().Type),
  getOwnPropertyDescriptor(_, key) {
    const found = Reflect.getOwnPropertyDescriptor(typeBox().Type, key);
    return found === undefined ? undefined : { ...found, configurable: true };
  },
});

type OptionalKeys<P extends TProperties> = { [K in keyof P]: P[K] extends TOptional<TSchema> | Defaulted ? K : never }[keyof P];
type Flatten<T> = { [K in keyof T]: T[K] };

/**
 * What a caller gives for a schema: its static type, but for fields with a default, which may be left out; in the parts of a union or an
 * intersection as well.
 */
export type ParamsInput<S extends TSchema> =
  S extends TObject<infer P>
    ? Flatten<
        { readonly [K in Exclude<keyof P, OptionalKeys<P>>]: ParamsInput<P[K]> } & {
          readonly [K in OptionalKeys<P>]?: ParamsInput<P[K]> | undefined;
        }
      >
    : S extends TArray<infer I>
      ? readonly ParamsInput<I>[]
      : S extends TUnion<infer T>
        ? { [K in keyof T]: ParamsInput<T[K]> }[number]
        : S extends TIntersect<infer T>
          ? Flatten<IntersectInput<T>>
          : Static<S>;

type IntersectInput<T extends readonly TSchema[]> = T extends readonly [
  infer First extends TSchema,
  ...infer Rest extends readonly TSchema[],
]
  ? ParamsInput<First> & IntersectInput<Rest>
  : unknown;
