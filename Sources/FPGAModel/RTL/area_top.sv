// SPDX-License-Identifier: Apache-2.0
// The engine behind few pins, to place and route it alone: inputs come through a shift register,
// outputs are folded into one bit. Both are counted in the area (64 U + 110 flip-flops, about 30 U
// look-up tables).
module area_top #(
    parameter int U = 1,
    parameter int LINES = 9,
    parameter int OFFSET = 8
) (
    input  logic clk,
    input  logic pin_in,
    output logic pin_out
);
  localparam int SIZES = 4 + 6 + 6 + 6 + 5 + (LINES + 1);
  localparam int WRITES = 1 + 4 + 9 + 1 + (OFFSET + 4) + 16 + 2 + 10 + 16;
  localparam int WIDTH = 1 + SIZES + WRITES + 1 + 64 * U + 2;
  logic [WIDTH-1:0] chain;
  always_ff @(posedge clk) chain <= {chain[WIDTH-2:0], pin_in};

  logic rst, len_write, x_write, table_write, table_tanh, load_valid, start, stall;
  logic [3:0] last_input, len_index;
  logic [5:0] last_hidden, last_group, last_head;
  logic [4:0] sequences;
  logic [LINES:0] lines;
  logic [8:0] len_data;
  logic [OFFSET+3:0] x_address;
  logic [15:0] x_data, table_data;
  logic [9:0] table_address;
  logic [4*U-1:0][15:0] load_data;
  assign {rst, last_input, last_hidden, last_group, last_head, sequences, lines, len_write,
          len_index, len_data, x_write, x_address, x_data, table_write, table_tanh, table_address,
          table_data, load_valid, load_data, start, stall} = chain;

  logic load_ready, busy, h_valid, y_valid;
  logic [3:0] h_sequence, y_sequence;
  logic [5:0] h_group, y_group;
  logic [U-1:0][15:0] h_data;
  logic [4*U-1:0][15:0] y_data;
  lstm_core #(.U(U), .LINES(LINES), .OFFSET(OFFSET)) core (
      .clk(clk), .rst(rst), .last_input(last_input), .last_hidden(last_hidden),
      .last_group(last_group), .last_head(last_head), .sequences(sequences), .lines(lines),
      .len_write(len_write), .len_index(len_index), .len_data(len_data), .x_write(x_write),
      .x_address(x_address), .x_data(x_data), .table_write(table_write), .table_tanh(table_tanh),
      .table_address(table_address), .table_data(table_data), .load_valid(load_valid),
      .load_ready(load_ready), .load_data(load_data), .start(start), .stall(stall), .busy(busy),
      .h_valid(h_valid), .h_sequence(h_sequence), .h_group(h_group), .h_data(h_data),
      .y_valid(y_valid), .y_sequence(y_sequence), .y_group(y_group), .y_data(y_data));

  // Three registered steps, so that the folding is never the slowest path.
  logic [5*U-1:0] fold;
  logic few, flags;
  always_ff @(posedge clk) begin
    for (int u = 0; u < U; u++) fold[u] <= ^h_data[u];
    for (int lane = 0; lane < 4 * U; lane++) fold[U + lane] <= ^y_data[lane];
    flags <= ^{load_ready, busy, h_valid, h_sequence, h_group, y_valid, y_sequence, y_group};
    few <= ^fold;
    pin_out <= few ^ flags;
  end
endmodule
