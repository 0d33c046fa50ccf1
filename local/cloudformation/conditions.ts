import { BootError } from '../stack/boot-error.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { isObject, type TemplateValue } from './template.ts';

/**
 * Evaluates an expression of the `Conditions` section.
 * @throws BootError `UnsupportedIntrinsic` for anything that is not a condition function.
 */
export function evaluateCondition(expression: TemplateValue, scope: Scope): boolean {
  const [name, argument] = isObject(expression) ? (Object.entries(expression)[0] ?? []) : [];
  const operands = Array.isArray(argument) ? (argument as readonly TemplateValue[]) : [];
  switch (name) {
    case 'Condition':
      return scope.condition(String(argument));
    case 'Fn::Equals': {
      const [left, right] = operands.map((operand) => evaluate(operand, scope));
      return operands.length === 2 && String(left) === String(right);
    }
    case 'Fn::Not':
      return !operands.some((operand) => evaluateCondition(operand, scope));
    case 'Fn::And':
      return operands.every((operand) => evaluateCondition(operand, scope));
    case 'Fn::Or':
      return operands.some((operand) => evaluateCondition(operand, scope));
    default:
      throw new BootError(
        'UnsupportedIntrinsic',
        `${scope.where}: ${JSON.stringify(expression)} is no condition. ` +
          'Use Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition.',
      );
  }
}
