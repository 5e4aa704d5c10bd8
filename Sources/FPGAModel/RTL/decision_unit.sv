// SPDX-License-Identifier: Apache-2.0
// The load balancer's decision: the least of N values and where it is, and how many reach a
// threshold. P values a cycle; then a tree of log2(P) registered comparisons. Ties go to the lower
// index. `done` is up for one cycle, ceil(N / P) + log2(P) + 2 cycles after `start`.
module decision_unit #(
    parameter int P = 8,        // values compared a cycle, a power of two
    parameter int ROWS = 9      // bits of a row's address
) (
    input  logic clk,
    input  logic rst,
    input  logic value_write,
    input  logic [ROWS+$clog2(P)-1:0] value_index,
    input  logic signed [15:0] value_data,
    input  logic [ROWS+$clog2(P):0] count,      // N, at least 1
    input  logic signed [15:0] threshold,
    input  logic start,
    output logic done,
    output logic signed [15:0] least,
    output logic [ROWS+$clog2(P)-1:0] least_index,
    output logic [ROWS+$clog2(P):0] reaching
);
  localparam int LEVELS = $clog2(P);
  localparam int INDEX = ROWS + LEVELS;
  logic running, reading, reading_first;
  logic [ROWS-1:0] row, row_read;
  logic [ROWS-1:0] last_row;
  logic [15:0] words[P];
  logic signed [15:0] read[P];
  logic used[P];
  // Per lane: the least so far, its index, how many reach the threshold; then the tree's levels.
  logic signed [15:0] value[LEVELS+1][P];
  logic [INDEX-1:0] index[LEVELS+1][P];
  logic [INDEX:0] reached[LEVELS+1][P];
  logic [LEVELS+1:0] flags;
  assign last_row = ROWS'((count - 1'b1) >> LEVELS);

  for (genvar lane = 0; lane < P; lane++) begin : value_bank
    ram #(.ADDRESS(ROWS)) values (
        .clk, .write(value_write && value_index[LEVELS-1:0] == LEVELS'(lane)),
        .write_address(value_index[INDEX-1:LEVELS]), .write_data(value_data),
        .read_address(row), .read_data(words[lane]));
    assign read[lane] = words[lane];
  end

  always_ff @(posedge clk) begin
    // Rows are read one a cycle.
    if (rst) running <= 1'b0;
    else if (start) begin
      running <= 1'b1;
      row <= '0;
    end else if (running) begin
      row <= row + 1'b1;
      if (row == last_row) running <= 1'b0;
    end
    reading <= running && !rst;
    reading_first <= (row == '0);
    row_read <= row;
    for (int lane = 0; lane < P; lane++) begin
      used[lane] <= {1'b0, row, LEVELS'(lane)} < count;
      // Lanes keep their least.
      if (reading) begin
        if (reading_first) begin
          value[0][lane] <= used[lane] ? read[lane] : 16'sd32767;
          index[0][lane] <= used[lane] ? {row_read, LEVELS'(lane)} : '1;
          reached[0][lane] <= (INDEX+1)'(used[lane] && read[lane] >= threshold);
        end else if (used[lane]) begin
          if (read[lane] < value[0][lane]) begin
            value[0][lane] <= read[lane];
            index[0][lane] <= {row_read, LEVELS'(lane)};
          end
          if (read[lane] >= threshold) reached[0][lane] <= reached[0][lane] + 1'b1;
        end
      end
    end
    // The tree.
    for (int level = 0; level < LEVELS; level++)
      for (int lane = 0; lane < (P >> (level + 1)); lane++) begin
        if (value[level][2*lane+1] < value[level][2*lane]
            || (value[level][2*lane+1] == value[level][2*lane]
                && index[level][2*lane+1] < index[level][2*lane])) begin
          value[level+1][lane] <= value[level][2*lane+1];
          index[level+1][lane] <= index[level][2*lane+1];
        end else begin
          value[level+1][lane] <= value[level][2*lane];
          index[level+1][lane] <= index[level][2*lane];
        end
        reached[level+1][lane] <= reached[level][2*lane] + reached[level][2*lane+1];
      end
    // The last row has been read when reading falls.
    flags <= rst ? '0 : {flags[LEVELS:0], reading && !running};
  end
  assign done = flags[LEVELS];
  assign least = value[LEVELS][0];
  assign least_index = index[LEVELS][0];
  assign reaching = reached[LEVELS][0];
endmodule
