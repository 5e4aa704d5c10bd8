// SPDX-License-Identifier: Apache-2.0
// LSTM layer with a dense head: U hidden units in parallel, one column of [x, h, 1] a cycle, up to
// 16 sequences interleaved, weights in two halves of which one can be loaded while the other works.
//
// Sizes are registers, so one build serves all networks up to the limits below. Column c of a pass
// issued in cycle n moves through these stages:
//   n    addresses      n+1 words read        n+2 operands       n+3 products     n+4 sums
//   n+5  rounded        n+6 saturated (head: result)             n+7 tables read  n+8 registered
//   n+9  f*c, i*g       n+10 added            n+11 new c         n+12 tanh read   n+13 registered
//   n+14 o*tanh         n+15 new h, written at the end of the cycle
// The next step of the sequence may be chosen in cycle n+16.
module lstm_core #(
    parameter int U = 4,        // hidden units in parallel
    parameter int F = 12,       // bits after the binary point, of 16
    parameter int LINES = 13,   // bits of a weight line's address, per half
    parameter int OFFSET = 12   // bits of an input's address in its sequence
) (
    input  logic clk,
    input  logic rst,
    // Sizes; stable while busy.
    input  logic [3:0] last_input,    // I - 1
    input  logic [5:0] last_hidden,   // H - 1
    input  logic [5:0] last_group,    // ceil(H / U) - 1
    input  logic [5:0] last_head,     // ceil(outputs / 4U) - 1
    input  logic [4:0] sequences,     // B
    input  logic [LINES:0] lines,     // weight lines of a model
    // Host writes: sequence lengths, inputs, function tables.
    input  logic len_write,
    input  logic [3:0] len_index,
    input  logic [8:0] len_data,
    input  logic x_write,
    input  logic [OFFSET+3:0] x_address,  // {sequence, step * I + input}
    input  logic signed [15:0] x_data,
    input  logic table_write,
    input  logic table_tanh,
    input  logic [9:0] table_address,
    input  logic signed [15:0] table_data,
    // Weight load port into the half that doesn't work; back-pressure when it is full.
    input  logic load_valid,
    output logic load_ready,
    input  logic [4*U-1:0][15:0] load_data,
    // Run.
    input  logic start,
    input  logic stall,
    output logic busy,
    // Results as they are written.
    output logic h_valid,
    output logic [3:0] h_sequence,
    output logic [5:0] h_group,
    output logic [U-1:0][15:0] h_data,
    output logic y_valid,
    output logic [3:0] y_sequence,
    output logic [5:0] y_group,
    output logic [4*U-1:0][15:0] y_data
);
  localparam int LANES = 4 * U;
  localparam int BANK_BITS = (U > 1) ? $clog2(U) : 1;
  localparam logic signed [15:0] ONE = 16'(1 << F);
  localparam logic signed [39:0] HALF = 40'(1 << (F - 1));

  typedef enum logic [2:0] {IDLE, WAIT_WEIGHTS, NEXT, ISSUE, DRAIN} state_t;
  // What travels with a column: bit (or element) s belongs to the column in stage s.
  logic [15:1] valid;
  logic [15:1] first;       // first column of a group
  logic [15:1] last;        // last column of a group
  logic [15:1] last_group_; // of the pass
  logic [15:1] head;
  logic [15:1] fresh;       // first step: h and c are zero
  logic [15:1] read_parity; // where h is read
  logic [3:0] sequence_of[16];
  logic [5:0] group_of[16];
  logic from_x, from_one;   // in stage 1
  logic [BANK_BITS-1:0] bank;

  state_t state;

  // ---- Weights: two halves and the load port -------------------------------------------------
  logic [15:0] weight_read[LANES];
  logic [LINES-1:0] line;
  logic working_half;
  logic [LINES:0] loaded;
  logic shadow_full;
  logic take_weights, load_writes;
  assign shadow_full = (loaded == lines);
  assign load_ready = !shadow_full;
  assign take_weights =
      shadow_full && ((state == IDLE && start) || state == WAIT_WEIGHTS);
  assign load_writes = load_valid && load_ready && !take_weights && !rst;

  for (genvar lane = 0; lane < LANES; lane++) begin : weight_bank
    ram #(.ADDRESS(LINES + 1)) weights (
        .clk, .write(load_writes), .write_address({!working_half, loaded[LINES-1:0]}),
        .write_data(load_data[lane]), .read_address({working_half, line}),
        .read_data(weight_read[lane]));
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      loaded <= '0;
      working_half <= 1'b0;
    end else if (take_weights) begin
      loaded <= '0;
      working_half <= !working_half;
    end else if (load_valid && load_ready) loaded <= loaded + 1'b1;
  end

  // ---- Sequencer -----------------------------------------------------------------------------
  logic [8:0] length[16];
  logic [15:0] in_flight;      // a step of the sequence is in the pipeline
  logic [15:0] parity;         // half of the h memory that holds the newest h
  logic [OFFSET-1:0] x_offset[16];
  logic [9:0] step;
  logic [4:0] pointer;         // first sequence to look at

  // The next pass: the first sequence from the pointer on that has this step (or its head, which
  // follows its last step), else the first that has the next step.
  logic found, found_later;
  logic [3:0] candidate, candidate_later;
  always_comb begin
    found = 1'b0;
    found_later = 1'b0;
    candidate = '0;
    candidate_later = '0;
    for (int s = 15; s >= 0; s--) begin
      if (5'(s) < sequences) begin
        if (5'(s) >= pointer && 10'(length[s]) >= step) begin
          found = 1'b1;
          candidate = 4'(s);
        end
        if (10'(length[s]) >= step + 10'd1) begin
          found_later = 1'b1;
          candidate_later = 4'(s);
        end
      end
    end
  end
  logic [3:0] chosen;
  logic [9:0] chosen_step;
  assign chosen = found ? candidate : candidate_later;
  assign chosen_step = found ? step : step + 10'd1;

  logic pass_head, pass_fresh;
  logic [3:0] pass_sequence;
  logic [5:0] group;
  logic in_x, in_one, group_begins;
  logic [3:0] x_index;
  logic [5:0] h_index, h_row;
  logic [BANK_BITS-1:0] h_bank;
  logic [LINES-1:0] head_line;
  logic issue, pass_ends;
  assign issue = (state == ISSUE) && !stall;
  assign pass_ends = issue && in_one && group == (pass_head ? last_head : last_group);
  assign busy = (state != IDLE);

  logic pipeline_empty;
  assign pipeline_empty = (valid[6:1] == '0);

  // Columns of a group: x (not in the head), then h, then the constant one for the bias.
  task automatic begin_group(input logic is_head);
    in_x <= !is_head;
    in_one <= 1'b0;
    group_begins <= 1'b1;
    x_index <= '0;
    h_index <= '0;
    h_row <= '0;
    h_bank <= '0;
  endtask

  always_ff @(posedge clk) begin
    if (len_write) length[len_index] <= len_data;
    if (rst) begin
      state <= IDLE;
    end else begin
      case (state)
        IDLE, WAIT_WEIGHTS: begin
          step <= '0;
          pointer <= '0;
          head_line <= LINES'(lines - (LINES+1)'((32'(last_head) + 1) * (32'(last_hidden) + 2)));
          for (int s = 0; s < 16; s++) x_offset[s] <= '0;
          if (take_weights) state <= NEXT;
          else if (start) state <= WAIT_WEIGHTS;
        end
        NEXT: begin
          if (!found && !found_later) state <= DRAIN;
          else if (!in_flight[chosen]) begin
            state <= ISSUE;
            step <= chosen_step;
            pointer <= 5'(chosen) + 5'd1;
            pass_sequence <= chosen;
            pass_head <= (chosen_step == 10'(length[chosen]));
            pass_fresh <= (chosen_step == '0);
            group <= '0;
            line <= (chosen_step == 10'(length[chosen])) ? head_line : '0;
            begin_group(chosen_step == 10'(length[chosen]));
          end
        end
        ISSUE: if (issue) begin
          line <= line + 1'b1;
          group_begins <= 1'b0;
          if (in_x) begin
            x_index <= x_index + 1'b1;
            if (x_index == last_input) in_x <= 1'b0;
          end else if (!in_one) begin
            h_index <= h_index + 1'b1;
            if (h_bank == BANK_BITS'(U - 1)) begin
              h_bank <= '0;
              h_row <= h_row + 1'b1;
            end else h_bank <= h_bank + 1'b1;
            if (h_index == last_hidden) in_one <= 1'b1;
          end else begin
            group <= group + 1'b1;
            begin_group(pass_head);
          end
          if (pass_ends) begin
            state <= NEXT;
            if (!pass_head)
              x_offset[pass_sequence] <= x_offset[pass_sequence] + OFFSET'(last_input) + 1'b1;
          end
        end
        DRAIN: if (pipeline_empty) state <= IDLE;
        default: state <= IDLE;
      endcase
    end
  end

  // A sequence is in flight from the choice of its pass until its last h is written.
  always_ff @(posedge clk) begin
    if (rst || state == IDLE) begin
      in_flight <= '0;
      parity <= '0;
    end else begin
      if (state == NEXT && (found || found_later) && !in_flight[chosen])
        in_flight[chosen] <= 1'b1;
      if (valid[15] && last[15] && last_group_[15] && !head[15]) begin
        in_flight[sequence_of[15]] <= 1'b0;
        parity[sequence_of[15]] <= !read_parity[15];
      end
    end
  end

  // ---- What is issued, and where it is ---------------------------------------------------------
  always_ff @(posedge clk) begin
    valid <= rst ? '0 : {valid[14:1], issue};
    first <= {first[14:1], group_begins};
    last <= {last[14:1], in_one};
    last_group_ <= {last_group_[14:1], group == (pass_head ? last_head : last_group)};
    head <= {head[14:1], pass_head};
    fresh <= {fresh[14:1], pass_fresh};
    read_parity <= {read_parity[14:1], parity[pass_sequence]};
    from_x <= in_x;
    from_one <= in_one;
    bank <= h_bank;
    sequence_of[1] <= pass_sequence;
    group_of[1] <= group;
    for (int s = 2; s < 16; s++) begin
      sequence_of[s] <= sequence_of[s-1];
      group_of[s] <= group_of[s-1];
    end
  end

  // ---- Stages 1 to 6: columns to gates -------------------------------------------------------
  logic [15:0] x_read, h_read[U];
  logic signed [15:0] weight[LANES], operand;
  logic signed [31:0] product[LANES];
  logic signed [39:0] sum[LANES], rounded[LANES];
  logic signed [15:0] gate[LANES];

  function automatic logic signed [15:0] saturate(input logic signed [39:0] value);
    saturate = (value > 40'sd32767) ? 16'sd32767
        : (value < -40'sd32768) ? -16'sd32768 : value[15:0];
  endfunction

  ram #(.ADDRESS(OFFSET + 4)) x_memory (
      .clk, .write(x_write), .write_address(x_address), .write_data(x_data),
      .read_address({pass_sequence, x_offset[pass_sequence] + OFFSET'(x_index)}),
      .read_data(x_read));

  for (genvar u = 0; u < U; u++) begin : h_bank_
    ram #(.ADDRESS(11)) h_memory (
        .clk, .write(h_valid), .write_address({!read_parity[15], sequence_of[15], group_of[15]}),
        .write_data(h_new[u]),
        .read_address({parity[pass_sequence], pass_sequence, h_row}), .read_data(h_read[u]));
  end

  always_ff @(posedge clk) begin
    operand <= from_x ? x_read : from_one ? ONE : fresh[1] ? 16'd0 : h_read[bank];
    for (int lane = 0; lane < LANES; lane++) begin
      weight[lane] <= weight_read[lane];
      product[lane] <= weight[lane] * operand;
      if (valid[3]) sum[lane] <= (first[3] ? 40'sd0 : sum[lane]) + 40'(product[lane]);
      rounded[lane] <= (sum[lane] + HALF) >>> F;
      gate[lane] <= saturate(rounded[lane]);
    end
  end

  // ---- Stages 7 to 15: gates to c and h ------------------------------------------------------
  logic [15:0] input_read[U], forget_read[U], cell_read[U], output_read[U];
  logic signed [15:0] input_gate[U], forget_gate[U], candidate_gate[U];
  logic signed [15:0] output_gate[U][8:13];
  logic [15:0] c_old[U], tanh_read[U];
  logic signed [15:0] c_read[U], c_new[U], tanh_c[U];
  logic signed [31:0] kept[U], added[U], shown[U];
  logic signed [39:0] c_sum[U];
  logic signed [15:0] h_new[U];
  logic c_write, was_fresh;
  assign c_write = valid[11] && last[11] && !head[11];

  // The upper ten bits of a word, counted from the lowest value, are its entry in a table.
  localparam logic [9:0] MIDDLE = 10'd512;
  for (genvar u = 0; u < U; u++) begin : unit
    logic [9:0] entry_i, entry_f, entry_c, entry_o, entry_h;
    assign entry_i = gate[u][15:6] ^ MIDDLE;
    assign entry_f = gate[U+u][15:6] ^ MIDDLE;
    assign entry_c = gate[2*U+u][15:6] ^ MIDDLE;
    assign entry_o = gate[3*U+u][15:6] ^ MIDDLE;
    assign entry_h = c_new[u][15:6] ^ MIDDLE;
    ram sigmoid_i (
        .clk, .write(table_write && !table_tanh), .write_address(table_address),
        .write_data(table_data), .read_address(entry_i), .read_data(input_read[u]));
    ram sigmoid_f (
        .clk, .write(table_write && !table_tanh), .write_address(table_address),
        .write_data(table_data), .read_address(entry_f), .read_data(forget_read[u]));
    ram tanh_g (
        .clk, .write(table_write && table_tanh), .write_address(table_address),
        .write_data(table_data), .read_address(entry_c), .read_data(cell_read[u]));
    ram sigmoid_o (
        .clk, .write(table_write && !table_tanh), .write_address(table_address),
        .write_data(table_data), .read_address(entry_o), .read_data(output_read[u]));
    ram tanh_h (
        .clk, .write(table_write && table_tanh), .write_address(table_address),
        .write_data(table_data), .read_address(entry_h), .read_data(tanh_read[u]));
    ram c_memory (
        .clk, .write(c_write), .write_address({sequence_of[11], group_of[11]}),
        .write_data(c_new[u]), .read_address({sequence_of[7], group_of[7]}),
        .read_data(c_old[u]));
    assign c_read[u] = was_fresh ? 16'sd0 : c_old[u];
    assign h_data[u] = h_new[u];
  end

  always_ff @(posedge clk) begin
    was_fresh <= fresh[7];
    for (int u = 0; u < U; u++) begin
      input_gate[u] <= input_read[u];
      forget_gate[u] <= forget_read[u];
      candidate_gate[u] <= cell_read[u];
      output_gate[u][8] <= output_read[u];
      for (int s = 9; s < 14; s++) output_gate[u][s] <= output_gate[u][s-1];
      kept[u] <= forget_gate[u] * c_read[u];
      added[u] <= input_gate[u] * candidate_gate[u];
      c_sum[u] <= 40'(kept[u]) + 40'(added[u]);
      c_new[u] <= saturate((c_sum[u] + HALF) >>> F);
      tanh_c[u] <= tanh_read[u];
      shown[u] <= output_gate[u][13] * tanh_c[u];
      h_new[u] <= saturate((40'(shown[u]) + HALF) >>> F);
    end
  end

  assign h_valid = valid[15] && last[15] && !head[15];
  assign h_sequence = sequence_of[15];
  assign h_group = group_of[15];
  assign y_valid = valid[6] && last[6] && head[6];
  assign y_sequence = sequence_of[6];
  assign y_group = group_of[6];
  for (genvar lane = 0; lane < LANES; lane++) begin : y_lane
    assign y_data[lane] = gate[lane];
  end
endmodule
