import { group, groups, text, texts, type Fields } from "../object";

/** Whether a LabelSelector takes pods with these labels. */
export function selects({ matchLabels, matchExpressions }: Fields, labels: Fields): boolean {
  return takes(group(matchLabels), labels) && groups(matchExpressions).every((expression) => holds(expression, labels));
}

/** Whether each of these labels is there. */
export function takes(wanted: Fields, labels: Fields): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function holds({ key, operator, values }: Fields, labels: Fields): boolean {
  const value = labels[text(key) ?? ""];
  const isAmong = typeof value === "string" && texts(values).includes(value);
  switch (operator) {
    case "In":
      return isAmong;
    case "NotIn":
      return !isAmong;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
