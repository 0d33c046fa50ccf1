import { BootError } from '../stack/boot-error.ts';
import type { ParameterTemplate } from './template.ts';

/**
 * The value of a template parameter: the given one, else its default; SSM types look the value up.
 * @throws BootError `MissingParameter`
 */
export function resolveParameter(
  where: string,
  parameter: ParameterTemplate,
  given: string | undefined,
  ssmParameter: (name: string) => string,
): string | string[] {
  const value = given ?? parameter.Default;
  if (value === undefined) {
    throw new BootError('MissingParameter', `${where}: the parameter has no value and no default.`);
  }
  const text = String(value);
  const allowed = parameter.AllowedValues?.map(String);
  if (allowed && !allowed.includes(text)) {
    throw new BootError(
      'MissingParameter',
      `${where}: ${text} is not one of ${allowed.join(', ')}.`,
    );
  }
  switch (parameter.Type) {
    case 'String':
    case 'Number':
      return text;
    case 'CommaDelimitedList':
    case 'List<Number>':
      return text.split(',').map((part) => part.trim());
    case 'AWS::SSM::Parameter::Value<String>':
      return ssmParameter(text);
    default:
      throw new BootError(
        'MissingParameter',
        `${where}: the embedded stack does not know the parameter type ${parameter.Type}.`,
      );
  }
}
