// SPDX-License-Identifier: Apache-2.0
// One engine of each width U = 1 … 8 for the test bench; only the chosen one has a clock, so one
// build serves all widths at the speed of one.
module bench_top (
    input  logic clk,
    input  logic [3:0] units,
    input  logic rst,
    input  logic [3:0] last_input,
    input  logic [5:0] last_hidden,
    input  logic [5:0] last_group,
    input  logic [5:0] last_head,
    input  logic [4:0] sequences,
    input  logic [13:0] lines,
    input  logic len_write,
    input  logic [3:0] len_index,
    input  logic [8:0] len_data,
    input  logic x_write,
    input  logic [15:0] x_address,
    input  logic signed [15:0] x_data,
    input  logic table_write,
    input  logic table_tanh,
    input  logic [9:0] table_address,
    input  logic signed [15:0] table_data,
    input  logic load_valid,
    output logic load_ready,
    input  logic [31:0][15:0] load_data,
    input  logic start,
    input  logic stall,
    output logic busy,
    output logic h_valid,
    output logic [3:0] h_sequence,
    output logic [5:0] h_group,
    output logic [7:0][15:0] h_data,
    output logic y_valid,
    output logic [3:0] y_sequence,
    output logic [5:0] y_group,
    output logic [31:0][15:0] y_data,
    // The decision unit has a clock when `units` is 0.
    input  logic value_write,
    input  logic [11:0] value_index,
    input  logic [12:0] count,
    output logic done,
    output logic signed [15:0] least,
    output logic [11:0] least_index,
    output logic [12:0] reaching
);
  logic [8:1] ready_of, busy_of, h_of, y_of;
  logic [3:0] h_sequence_of[9], y_sequence_of[9];
  logic [5:0] h_group_of[9], y_group_of[9];
  logic [7:0][15:0] h_data_of[9];
  logic [31:0][15:0] y_data_of[9];

  for (genvar u = 1; u <= 8; u++) begin : engine
    logic [u-1:0][15:0] h;
    logic [4*u-1:0][15:0] y;
    assign h_data_of[u] = 128'(h);
    assign y_data_of[u] = 512'(y);
    lstm_core #(.U(u)) core (
        .clk(clk && units == 4'(u)), .load_data(load_data[4*u-1:0]), .load_ready(ready_of[u]),
        .busy(busy_of[u]), .h_valid(h_of[u]), .h_sequence(h_sequence_of[u]),
        .h_group(h_group_of[u]), .h_data(h), .y_valid(y_of[u]), .y_sequence(y_sequence_of[u]),
        .y_group(y_group_of[u]), .y_data(y), .*);
  end

  logic [3:0] u;
  assign u = (units == 0) ? 4'd1 : units;
  assign load_ready = ready_of[u];
  assign busy = busy_of[u];
  assign h_valid = h_of[u];
  assign h_sequence = h_sequence_of[u];
  assign h_group = h_group_of[u];
  assign h_data = h_data_of[u];
  assign y_valid = y_of[u];
  assign y_sequence = y_sequence_of[u];
  assign y_group = y_group_of[u];
  assign y_data = y_data_of[u];

  decision_unit #(.P(8), .ROWS(9)) decision (
      .clk(clk && units == 4'd0), .value_data(x_data), .threshold(table_data), .*);
endmodule
