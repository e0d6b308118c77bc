/**
 * Draws every loss of trainings, and every score of their validations.
 *
 * @param charts where
 * @param trainings `{name, colour, training}`: a line's name and colour, and a stage of a journal
 */
export function drawTrainings(charts, trainings) {
  const draw = (title, points) =>
    charts.update(
      title,
      "optimizer step",
      trainings.flatMap(({ name, colour, training }) => {
        const found = points(training);
        return found ? [{ name, colour, xs: found[0], ys: found[1] }] : [];
      }),
    );
  const all = trainings.map(({ training }) => training);
  for (const name of new Set(all.flatMap(({ losses }) => [...losses.keys()]))) {
    draw(
      name === "loss" ? "total loss" : name,
      ({ steps, losses }) => losses.has(name) ? [steps, losses.get(name)] : undefined,
    );
  }
  const validations = all.flatMap(({ validations }) => validations);
  for (const name of new Set(validations.flatMap(({ scores }) => Object.keys(scores)))) {
    draw(
      `${name} on validation images`,
      ({ validations }) => [
        validations.map(({ step }) => step),
        validations.map(({ scores }) => scores[name] ?? null),
      ],
    );
  }
}
