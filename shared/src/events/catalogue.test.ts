import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EVENT_CATALOGUE } from './catalogue.ts';
import { parseEvent } from './define-event.ts';

const envelope = { id: '1', time: '2026-03-01T12:00:00Z' };

describe.each(EVENT_CATALOGUE.map((event) => [event.detailType, event] as const))(
  '%s',
  (_, event) => {
    const busEvent = {
      ...envelope,
      source: event.source,
      'detail-type': event.detailType,
      detail: event.example as Record<string, unknown>,
    };

    it('has an example that fits its schema', () => {
      expect(() => parseEvent(event, busEvent)).not.toThrow();
    });

    it('keeps fields it does not know', () => {
      const parsed = parseEvent(event, {
        ...busEvent,
        detail: { ...busEvent.detail, later: { v: 2 } },
      });
      expect(parsed.detail).toMatchObject({ later: { v: 2 } });
    });

    it('is refused, naming the field, without any one of its required fields', () => {
      const { required = [] } = z.toJSONSchema(event.schema, {
        io: 'input',
        unrepresentable: 'any',
      });
      expect(required.length).toBeGreaterThan(0);
      for (const field of required) {
        const { [field]: _removed, ...rest } = busEvent.detail;
        expect(() => parseEvent(event, { ...busEvent, detail: rest })).toThrow(
          new RegExp(`^${event.detailType} does not fit: ${field}: `),
        );
      }
    });

    it('is refused under another name', () => {
      expect(() => parseEvent(event, { ...busEvent, 'detail-type': 'Something Else' })).toThrow(
        /Expected .* but got Something Else/,
      );
    });
  },
);
