import { z } from 'zod';

interface JsonSchema {
  type?: string;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  minimum?: number;
  minItems?: number;
}

/**
 * An input that fits the schema, with every field that there is: `ids` are taken for the fields of those names (`testIds`
 * is a list of `testId`), for all else anything will do.
 */
export function sampleInput(schema: z.ZodType, ids: Record<string, string>): unknown {
  return sample(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '', ids);
}

function sample(schema: JsonSchema, name: string, ids: Record<string, string>): unknown {
  const known = Object.entries(ids).find(([key]) => name.toLowerCase().endsWith(key.toLowerCase()));
  if (known && schema.type !== 'array' && schema.type !== 'object') return known[1];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return sample(options[0]!, name, ids);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          // Where a list or a stream begins, and what makes a call the same as an earlier one.
          .filter(([key]) => !['cursor', 'before', 'after', 'lastEventId', 'idempotencyKey'].includes(key))
          .map(([key, property]) => [key, sample(property, key, ids)]),
      );
    case 'array':
      return [sample(schema.items ?? {}, name.replace(/s$/, ''), ids)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleText(schema, name);
  }
}

/** By the names of fields that take only some texts. */
const samples: Record<string, string> = {
  timezone: 'UTC',
  timezoneId: 'UTC',
  baseURL: 'https://example.com',
  device: 'Pixel 5',
  locale: 'de-DE',
  url: 'https://example.com',
};

function sampleText({ format }: JsonSchema, name: string): string {
  if (format === 'uuid') return '018f0000-0000-7000-8000-000000000000';
  if (format === 'email') return 'person@example.com';
  // In the future, as the end of something must be.
  if (format === 'date-time') return '2126-01-01T00:00:00.000Z';
  if (name === 'schedule') return '0 7 * * 1';
  return samples[name] ?? 'anything';
}
