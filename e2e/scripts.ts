import type { Gate } from './gate.ts';

/** Bodies of a script: a test that passes at once, and one that goes on until its run is cancelled. */
export const quick = `test('is quick', () => {});`;
export const endless = `test('waits', async () => { test.setTimeout(0); await new Promise(() => {}); });`;

/** A test that prints the first three of these lines, waits at the gate, prints the others and passes. */
export const tickerLines = Array.from({ length: 30 }, (_, index) => `tick ${index + 1}.`);
export const ticker = (gate: Gate) => `test('ticks', async () => {
  test.setTimeout(0);
  for (let tick = 1; tick <= ${tickerLines.length}; tick += 1) {
    if (tick === 4) ${gate.wait}
    console.log(\`tick \${tick}.\`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});`;

/** A video of two pictures of 16 × 16 pixels (WebM, VP8), in Base64. */
export const tinyFilm =
  'GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQJChYECGFOAZwEAAAAAAAIUEU2bdLpNu4tTq4QVSalmU6yBoU27i1OrhBZUrmtTrIHYTbuMU6uEElTDZ1OsggEeTbuMU6uEHFO7a1OsggH+7AEAAAAAAABZAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVSalmsirXsYMPQkBNgI1MYXZmNTkuMjcuMTAwV0GNTGF2ZjU5LjI3LjEwMESJiEB5AAAAAAAAFlSua8GuAQAAAAAAADjXgQFzxYiUY7y3zI1rk5yBACK1nIN1bmSIgQCGhVZfVlA4g4EBI+ODhAvrwgDgibCBELqBEJqBAhJUw2f9c3OgY8CAZ8iaRaOHRU5DT0RFUkSHjUxhdmY1OS4yNy4xMDBzc9djwItjxYiUY7y3zI1rk2fIoUWjh0VOQ09ERVJEh5RMYXZjNTkuMzcuMTAwIGxpYnZweGfIokWjiERVUkFUSU9ORIeUMDA6MDA6MDAuNDAwMDAwMDAwAAAfQ7Z12eeBAKO9gQAAgPACAJ0BKhAAEAAARwiFhYiFhIgCAgJ1qgP4A/oCDU0YAP79bvP/45k3MMT/jm3/8WE8DijI//FRAKOVgQDIALEBAAMQcAAYABhYL/QACAAAHFO7a5G7j7OBALeK94EB8YIBoPCBAw==';
