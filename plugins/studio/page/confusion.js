import { h } from "./dom.js";
import { classIou } from "./scores.js";

/** The confusion matrix, each row in percent of its true pixels. */
export function confusionTable(matrix, classes) {
  const names = ["background", ...classes], iou = classIou(matrix);
  const cells = (row, r) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.map((count, c) => {
      const share = sum === 0 ? 0 : count / sum;
      const cell = h(
        "td",
        { class: c === r ? "number hit" : "number" },
        sum === 0 ? "" : (100 * share).toFixed(1),
      );
      cell.style.setProperty("--share", share.toFixed(3));
      return cell;
    });
  };
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
    h(
      "table",
      { class: "confusion" },
      h("caption", {}, "Rows: true class; columns: predicted class; percent of the row's pixels"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "truth"),
          names.map((name) => h("th", { scope: "col", class: "number" }, name)),
          h("th", { scope: "col", class: "number" }, "IoU (%)"),
        ),
      ),
      h(
        "tbody",
        {},
        matrix.map((row, r) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, names[r]),
            cells(row, r),
            h("td", { class: "number" }, Number.isNaN(iou[r]) ? "–" : (100 * iou[r]).toFixed(1)),
          )
        ),
      ),
    ),
  );
}
