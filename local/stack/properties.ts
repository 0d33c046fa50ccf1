import { isObject, type LoadedResource, type TemplateObject } from '../cloudformation/template.ts';
import { BootError } from './boot-error.ts';

/** Reads the properties of a resource as what they must be, or says which one is not. */
export interface PropertyReader {
  readonly resource: LoadedResource;
  text(name: string): string | undefined;
  requiredText(name: string): string;
  /** Parameters arrive as text: `"5"` is 5. */
  number(name: string): number | undefined;
  flag(name: string): boolean;
  object(name: string): TemplateObject | undefined;
  objects(name: string): readonly TemplateObject[];
  texts(name: string): readonly string[];
  /** @throws BootError `UnsupportedProperty` when one of these would change how the resource behaves */
  refuse(names: readonly string[]): void;
  /** @throws BootError `UnsupportedProperty` when there is any other: it would go without effect */
  only(names: readonly string[]): void;
  /** Reads an object among the properties; an absent one has none. */
  nested(name: string): PropertyReader;
  /** An error about this resource. */
  invalid(message: string): BootError;
}

export function propertiesOf(resource: LoadedResource): PropertyReader {
  const { properties } = resource;
  const where = `${resource.stackName}.${resource.logicalId}`;
  const invalid = (message: string) => new BootError('InvalidTemplate', `${where}: ${message}`);
  const expected = (name: string, what: string) =>
    invalid(`${name} must be ${what}, not ${JSON.stringify(properties[name])}.`);

  const reader: PropertyReader = {
    resource,
    text(name) {
      const value = properties[name];
      if (value === undefined || typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      throw expected(name, 'text');
    },
    requiredText(name) {
      const value = reader.text(name);
      if (value === undefined) throw expected(name, 'text');
      return value;
    },
    number(name) {
      const value = reader.text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (value.trim() === '' || !Number.isFinite(number)) throw expected(name, 'a number');
      return number;
    },
    flag: (name) => reader.text(name) === 'true',
    object(name) {
      const value = properties[name];
      if (value === undefined || isObject(value)) return value;
      throw expected(name, 'an object');
    },
    objects: (name) => list(name).filter(isObject),
    texts: (name) => list(name).map(String),
    refuse: (names) => refuseFirst(names.find((name) => properties[name] !== undefined)),
    only: (names) => refuseFirst(Object.keys(properties).find((name) => !names.includes(name))),
    nested: (name) => propertiesOf({ ...resource, properties: reader.object(name) ?? {} }),
    invalid,
  };
  return reader;

  function refuseFirst(found: string | undefined): void {
    if (found === undefined) return;
    throw new BootError(
      'UnsupportedProperty',
      `${where}: the embedded stack does not support ${found} of ${resource.type}.`,
    );
  }

  function list(name: string) {
    const value = properties[name] ?? [];
    if (Array.isArray(value)) return value;
    throw expected(name, 'a list');
  }
}
