import type { HttpMethod } from './form.js';
import type { Element } from './twiml-xml.js';

/** Seconds of a day, which no call outlasts. What is longer would be more than a timer can count, and end at once. */
const most = 86_400;

/** The attributes of one element. What has no valid value is noted and counts as not given. */
export interface Attributes {
  text<K extends string>(name: K): Partial<Record<K, string>>;
  whole(name: string, otherwise: number, least?: number): number;
  flag(name: string, otherwise: boolean): boolean;
  method(name?: string): HttpMethod;
}

export function readAttributes({ name: element, attributes }: Element, warnings: string[]): Attributes {
  const invalid = (name: string): void => void warnings.push(`<${element}>: "${attributes[name]}" is no valid ${name}`);

  return {
    text(name) {
      const value = attributes[name];
      return (value === undefined ? {} : { [name]: value }) as Partial<Record<typeof name, string>>;
    },
    whole(name, otherwise, least = 0) {
      const value = attributes[name];
      if (value === undefined) return otherwise;
      if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Math.min(most, Number(value));
      invalid(name);
      return otherwise;
    },
    flag(name, otherwise) {
      const value = attributes[name]?.toLowerCase();
      if (value === undefined) return otherwise;
      if (value === 'true' || value === 'false') return value === 'true';
      invalid(name);
      return otherwise;
    },
    method(name = 'method') {
      const value = attributes[name]?.toUpperCase();
      if (value !== undefined && value !== 'GET' && value !== 'POST') invalid(name);
      return value === 'GET' ? 'GET' : 'POST';
    },
  };
}
