/**
 * A type of a loose schema without the fields it does not know: such fields are let through at run time,
 * but our own code must not make up or misspell any.
 */
export type Known<Value> = Value extends readonly (infer Item)[]
  ? Known<Item>[]
  : Value extends object
    ? { [Name in keyof Value as string extends Name ? never : Name]: Known<Value[Name]> }
    : Value;
