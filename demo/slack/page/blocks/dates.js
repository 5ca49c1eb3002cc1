// Slack's date tokens, in the reader's time zone and language.

const format = (options) => (date) => new Intl.DateTimeFormat(undefined, options).format(date);

const sameDay = (one, other) => one.toDateString() === other.toDateString();

function pretty(date, otherwise) {
  const day = 86_400_000;
  const now = new Date();
  if (sameDay(date, now)) return 'today';
  if (sameDay(date, new Date(now.getTime() - day))) return 'yesterday';
  if (sameDay(date, new Date(now.getTime() + day))) return 'tomorrow';
  return otherwise(date);
}

const long = format({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' });
const medium = format({ month: 'long', day: 'numeric', year: 'numeric' });
const short = format({ month: 'short', day: 'numeric', year: 'numeric' });
export const clock = format({ hour: '2-digit', minute: '2-digit', hour12: false });

const tokens = {
  date_num: format({ year: 'numeric', month: '2-digit', day: '2-digit' }),
  date: medium,
  date_short: short,
  date_long: long,
  date_pretty: (date) => pretty(date, medium),
  date_short_pretty: (date) => pretty(date, short),
  date_long_pretty: (date) => pretty(date, long),
  time: clock,
  time_secs: format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }),
  ago: (date) => ago(date),
  day_divider_pretty: (date) => pretty(date, long),
};

export function formatDate(unix, template) {
  const date = new Date(unix * 1000);
  return template.replaceAll(/\{(\w+)\}/g, (whole, name) => tokens[name]?.(date) ?? whole);
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'long' });
const steps = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

export function ago(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const [unit, size] = steps.find(([, span]) => Math.abs(seconds) >= span) ?? ['second', 1];
  if (unit === 'second') return Math.abs(seconds) < 45 ? 'just now' : relative.format(Math.round(seconds / 60), 'minute');
  return relative.format(Math.round(seconds / size), unit);
}

export const dateOfTs = (ts) => new Date(Number(ts) * 1000);
export const dayOfTs = (ts) => {
  const words = pretty(dateOfTs(ts), long);
  return words[0].toUpperCase() + words.slice(1);
};

/** Relative times must be updated as time passes. */
export function refreshRelative(root) {
  for (const element of root.querySelectorAll('time[data-format]')) {
    const text = formatDate(Number(element.dataset.unix), element.dataset.format);
    if (element.textContent !== text) element.textContent = text;
  }
}
